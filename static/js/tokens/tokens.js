// A page of tokens: the one that was made can be copied.
import "../web/main.js";
import "../web/copies.js";
