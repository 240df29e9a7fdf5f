// Builds ronde/static/dist/ from the sources in ronde/core/assets/ and the locked npm packages.
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = join(root, "ronde/core/assets");
const dist = join(root, "ronde/static/dist");
const require = createRequire(import.meta.url);
const npm = (path) => join(root, "node_modules", path);
const targets = ["es2022", "chrome112", "firefox117", "safari16.5"];

// htmx starts on a timer: an extension in a second file may come too late, so both are one file.
async function htmx() {
  const files = ["htmx.org/dist/htmx.js", "htmx.org/dist/ext/hx-sse.js"];
  const parts = await Promise.all(files.map((file) => readFile(npm(file), "utf8")));
  const { code } = await transform(parts.join("\n;\n"), {
    minify: true,
    legalComments: "none",
    target: targets,
  });
  await writeFile(join(dist, "htmx.js"), code);
}

async function bundle(source, output) {
  const entry = join(sources, source);
  if (!existsSync(entry)) return missing(entry);
  await build({
    entryPoints: [entry],
    outfile: join(dist, output),
    bundle: true,
    format: output.endsWith(".js") ? "esm" : undefined,
    minify: true,
    legalComments: "none",
    target: targets,
    external: ["*.woff2", "*.svg"],
    logLevel: "warning",
  });
}

async function icons() {
  const list = join(sources, "icons.txt");
  if (!existsSync(list)) return missing(list);
  const lines = (await readFile(list, "utf8")).split("\n").map((line) => line.trim());
  const names = [...new Set(lines.filter((line) => line && !line.startsWith("#")))].sort();
  const symbols = await Promise.all(names.map(symbol));
  const sprite = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
  await writeFile(join(dist, "icons.svg"), sprite);
}

async function symbol(name) {
  const file = npm(`lucide-static/icons/${name}.svg`);
  if (!existsSync(file)) throw new Error(`icons.txt: Lucide has no icon named "${name}".`);
  const svg = await readFile(file, "utf8");
  const shapes = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  // Colour, line and filling come by inheritance from the page (class `i`): a full star is the same drawing.
  return `<symbol id="i-${name}" viewBox="0 0 24 24">${shapes.replace(/>\s+</g, "><").trim()}</symbol>`;
}

// The browser takes the variable font; Typst reads neither woff2 nor variable fonts.
async function fonts() {
  const woff2 = "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2";
  await copyFile(npm(woff2), join(dist, "inter-latin.woff2"));
  await mkdir(join(dist, "pdf"), { recursive: true });
  for (const style of ["400Regular", "400Regular_Italic", "600SemiBold", "700Bold"]) {
    const file = `Inter_${style}.ttf`;
    await copyFile(npm(`@expo-google-fonts/inter/${style}/${file}`), join(dist, "pdf", file));
  }
}

function missing(path) {
  console.warn(`No ${path.slice(root.length + 1)}: skipped.`);
}

try {
  require.resolve("htmx.org/package.json");
} catch {
  console.error("The npm packages are missing: run `npm ci`.");
  process.exit(2);
}
await mkdir(dist, { recursive: true });
const results = await Promise.allSettled([
  htmx(),
  bundle("js/main.js", "app.js"),
  bundle("css/app.css", "app.css"),
  icons(),
  fonts(),
]);
for (const { reason } of results.filter(({ status }) => status === "rejected")) {
  console.error(reason.message);
  process.exitCode = 1;
}
