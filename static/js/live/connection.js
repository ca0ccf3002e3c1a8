// The connection of the stream: where in the stream the page is, and cutting it, so that it begins anew.
import { state } from "./state.js";

const CHECK_MS = 5000;
const SILENCE_MS = 60000;

let connection = null;
let heard = Date.now();

export const stream = () => document.getElementById("stream");
export const cursor = () => connection?.lastEventId || stream()?.dataset.cursor;
export const cut = () => connection?.reader?.cancel();
export const use = (another) => { connection = another; };
export const hear = () => { heard = Date.now(); };

addEventListener("online", () => connection?.delayCanceller?.());
addEventListener("offline", cut);

setInterval(() => {
  if (state.connected && !document.hidden && Date.now() - heard > SILENCE_MS) cut();
}, CHECK_MS);
