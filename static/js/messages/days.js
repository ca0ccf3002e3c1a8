// Every message carries the heading of its day; only the newest of a day shows it. Midnight moves the words.
import * as swaps from "../web/swaps.js";

const CHECK_MS = 30000;
const DAY_MS = 86400000;
const long = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

let drawn = "";

const section = () => document.getElementById("board");

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
  if (day === today) return "Today";
  return day === yesterday ? "Yesterday" : long.format(new Date(day)).replace(",", "");
}

function arrange() {
  const now = Date.now();
  const [today, yesterday] = [dayOf(now), dayOf(now - DAY_MS)];
  let last = "";
  for (const item of document.querySelectorAll("#messages > li")) {
    const heading = item.querySelector(".day");
    heading.hidden = item.dataset.day === last;
    last = item.dataset.day;
    if (trusted && !heading.hidden) heading.firstElementChild.textContent = words(last, today, yesterday);
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
