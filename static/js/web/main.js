// What every page has of somebody who is signed in.
import "./keys.js";
import "./leaving.js";
import "./menu.js";
