// Every message carries the heading of its day; only the newest of a day shows it. Midnight moves the words.
import * as swaps from "../web/swaps.js";

const CHECK_MS = 30000;
const DAY_MS = 86400000;

let drawn = "";

const section = () => document.getElementById("board");

const language = section().dataset.language;
const english = language === "en";
const long = new Intl.DateTimeFormat(english ? "en-GB" : language, { dateStyle: "full", timeZone: "UTC" });
const near = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

function dayOf(moment) {
  try {
    return new Intl.DateTimeFormat("sv-SE", { timeZone: section().dataset.zone }).format(moment);
  } catch {
    return null;   // a zone this browser does not know: the server's words stay
  }
}

// A computer whose clock is a day off does not know better than the server.
const trusted = dayOf(Date.now()) === section().dataset.today;

function words(day, today, yesterday) {
  const far = long.format(new Date(day));
  if (day !== today && day !== yesterday) return english ? far.replace(",", "") : far;
  const word = near.format(day === today ? 0 : -1, "day");
  return word[0].toLocaleUpperCase(language) + word.slice(1);
}

function arrange() {
  const now = Date.now();
  const [today, yesterday] = [dayOf(now), dayOf(now - DAY_MS)];
  for (const item of document.querySelectorAll(":is(#messages, .replies) > li")) {
    const heading = item.querySelector(".day");
    heading.hidden = item.dataset.day === item.previousElementSibling?.dataset.day;
    if (trusted && !heading.hidden) heading.firstElementChild.textContent = words(item.dataset.day, today, yesterday);
  }
  drawn = today;
}

function check() {
  if (dayOf(Date.now()) !== drawn) arrange();
}

swaps.after("arrange", arrange);
document.addEventListener("visibilitychange", check);
setInterval(check, CHECK_MS);
arrange();
