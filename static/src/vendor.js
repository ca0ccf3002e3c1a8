// Copies the parts of htmx that the pages load into ../js/vendor/, as one script: its extensions are there when it
// starts, and one answer travels in place of three. Run by `npm run vendor`.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const from = "node_modules/htmx.org";
const to = "../js/vendor";
const scripts = ["dist/htmx.min.js", "dist/ext/hx-sse.min.js", "dist/ext/hx-upsert.min.js"];

mkdirSync(to, { recursive: true });
// The source maps are not shipped: a browser would ask for them and get 404.
const texts = scripts.map((script) => readFileSync(`${from}/${script}`, "utf8").replace(/\n?\/\/# sourceMappingURL=.*/g, ""));
writeFileSync(`${to}/htmx.min.js`, texts.map((text) => text.trimEnd() + "\n").join(""));
copyFileSync(`${from}/LICENSE`, `${to}/htmx.LICENSE.txt`);
