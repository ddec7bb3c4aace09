// Passkeys: a form [data-passkey="create|get"] asks the device first, and sends what it answers.

const one = (selector, root) => root.querySelector(selector);
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  buffer && btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options).publicKey;
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  return (await answer.json()).request_options.publicKey;
}

async function ask(form) {
  const publicKey = await optionsOf(form);
  publicKey.challenge = bytes(publicKey.challenge);
  if (publicKey.user) publicKey.user.id = bytes(publicKey.user.id);
  for (const known of [...(publicKey.excludeCredentials ?? []), ...(publicKey.allowCredentials ?? [])]) known.id = bytes(known.id);
  const key = await navigator.credentials[form.dataset.passkey]({ publicKey });
  const said = key.response;
  const response = { clientDataJSON: text(said.clientDataJSON) };
  if (said.attestationObject) {
    response.attestationObject = text(said.attestationObject);
    response.transports = said.getTransports?.() ?? [];
  } else {
    response.authenticatorData = text(said.authenticatorData);
    response.signature = text(said.signature);
    response.userHandle = text(said.userHandle);
  }
  const { id, type } = key;
  return { id, type, rawId: text(key.rawId), response, clientExtensionResults: key.getClientExtensionResults() };
}

async function onSubmit(event) {
  const form = event.target;
  event.preventDefault();
  const wrong = one("[data-passkey-wrong]", form);
  wrong.hidden = true;
  try {
    one("[name=credential]", form).value = JSON.stringify(await ask(form));
    form.submit();
  } catch {
    // Refused, too late, or a key that is there already: the device does not say which.
    wrong.hidden = false;
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (window.PublicKeyCredential) form.addEventListener("submit", onSubmit);
  form.hidden = !window.PublicKeyCredential;
}
