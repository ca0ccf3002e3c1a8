// The page of the newest messages, and of what a search finds: what the older ones have, and all that is live.
import "./older.js";
import "../live/stream.js";
import "../search/matches.js";
import "../search/search.js";
import "./arrivals.js";
import "./beside.js";
import "./composer.js";
import "./keys.js";
import "./orphans.js";
import "./pane.js";
import "./preview.js";
import "./quote.js";
import "./since.js";
import "./thread.js";
import "../unread/read.js";
