// The sign-in page.
import "../web/answers.js";
import "./leaving.js";
import * as swaps from "../web/swaps.js";
import { chooseZone } from "../web/zone.js";

swaps.after("arrange", chooseZone);
chooseZone();
