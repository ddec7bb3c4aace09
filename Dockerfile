FROM python:3.11-slim-bookworm

# What WeasyPrint draws with; the fonts come from wheels.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*

ENV LC_ALL=C.UTF-8 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 COURSIVE_DATA=/data

COPY requirements/base.txt /tmp/base.txt
RUN pip install --no-cache-dir --require-hashes -r /tmp/base.txt && rm /tmp/base.txt

WORKDIR /app
COPY . .

# The settings ask for addresses and a key; nothing is connected to while building.
RUN SECRET_KEY=build REDIS_URL=redis://build \
    DATABASE_URL=postgresql://build/build DATABASE_OWNER_URL=postgresql://build/build \
    sh -ec 'python manage.py assets; python manage.py collectstatic --noinput; \
        python manage.py assets --page var/static/503.html'

# A number that does not change, so that volumes stay its own.
RUN useradd --system --no-create-home --uid 10001 coursive && install -d -o coursive /data /backups /pages
USER coursive
VOLUME /data
EXPOSE 8000

# The rest is in gunicorn.conf.py.
CMD ["gunicorn", "coursive.wsgi:application", "--bind=0.0.0.0:8000"]
