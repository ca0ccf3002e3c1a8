// This device's passkey: whether it can be asked here, asking it, and what is said where that fails.
import { base } from "../web/address.js";

const WORDS = {
  AbortError: "",
  InvalidStateError: "There is a passkey for your account on this device already.",
  NotAllowedError: "It was cancelled, or took too long. Press the button to try once more.",
  SecurityError: "This browser makes no passkeys for this address.",
};
const OTHERWISE = "This device could not do it. Try another one, or go another way.";
const AWAY = "The board could not be reached. Check the network and try once more.";

// Why no passkey can be asked on this page; nothing if one can.
export function obstacle({ origin }) {
  if (location.origin !== origin) return "elsewhere";
  const there = typeof PublicKeyCredential !== "undefined" && PublicKeyCredential.parseRequestOptionsFromJSON;
  return there ? "" : "browser";
}

export async function make(options) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return JSON.stringify(await navigator.credentials.create({ publicKey }));
}

// Asks a passkey, tells the board its answer, and returns what that says; fails with words for its user.
export async function prove(address, fields = {}) {
  const { challenge, publicKey } = await fetched(`${address}/question`);
  const options = { publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) };
  const credential = JSON.stringify(await navigator.credentials.get(options));
  return fetched(address, { ...fields, credential, challenge });
}

async function fetched(address, fields) {
  const sent = fields && { method: "POST", body: new URLSearchParams(fields) };
  const answer = await fetch(base + address, { headers: { Accept: "application/json" }, ...sent }).catch(() => { throw new Error(AWAY); });
  const told = await answer.json().catch(() => ({ detail: AWAY }));
  if (!answer.ok) throw new Error(told.detail);
  return told;
}

// What is said of a failure: by the browser, or by the board in its own words.
export function words(failure) {
  return failure instanceof DOMException ? WORDS[failure.name] ?? OTHERWISE : failure.message;
}
