// The page of older messages.
import "../web/main.js";
import "../web/answers.js";
import "../web/shortcuts.js";
import "./code.js";
import "./days.js";
import "./edit.js";
import "./guard.js";
import "./steps.js";
