// The page of recovery codes, which can be copied.
import "../web/main.js";
import "../web/copies.js";
