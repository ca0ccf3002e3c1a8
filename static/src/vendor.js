// Copies the parts of htmx that the pages load into ../js/vendor/. Run by `npm run vendor`.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

const from = "node_modules/htmx.org";
const to = "../js/vendor";
const scripts = ["dist/htmx.min.js", "dist/ext/hx-sse.min.js", "dist/ext/hx-upsert.min.js"];

mkdirSync(to, { recursive: true });
for (const script of scripts) {
  // The source maps are not shipped: a browser would ask for them and get 404.
  const text = readFileSync(`${from}/${script}`, "utf8").replace(/\n?\/\/# sourceMappingURL=.*/g, "");
  writeFileSync(`${to}/${basename(script)}`, text.trimEnd() + "\n");
}
copyFileSync(`${from}/LICENSE`, `${to}/htmx.LICENSE.txt`);
