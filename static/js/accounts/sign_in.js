// The sign-in page.
import "../web/answers.js";
import "./leaving.js";
import * as swaps from "../web/swaps.js";
import { chooseZone, zone } from "../web/zone.js";

swaps.after("arrange", chooseZone);
chooseZone();

for (const link of document.querySelectorAll("[data-provider]")) link.search = new URLSearchParams({ user_timezone: zone ?? "" });
