// The page of older messages.
import "../web/main.js";
import "../web/answers.js";
import "../web/shortcuts.js";
import "./code.js";
import "./days.js";
import "./edit.js";
import "./folds.js";
import "./groups.js";
import "./guard.js";
import "./links.js";
import "./mentions.js";
import "./opening.js";
import "./order.js";
import "./palette.js";
import "./steps.js";
import "./stops.js";
