// Copies the scripts into static/dist. htmx and its extension come as their authors ship them, ours as they are written (minus nothing: they are
// small and a person who looks should be able to read them).
import { copyFileSync, readdirSync } from "node:fs";

const dist = "static/dist/";
copyFileSync("node_modules/htmx.org/dist/htmx.min.js", dist + "htmx.min.js");
copyFileSync("node_modules/htmx-ext-sse/dist/sse.min.js", dist + "sse.js");
for (const name of readdirSync("static/src")) if (name.endsWith(".js")) copyFileSync("static/src/" + name, dist + name);
