// Makes the bundles that the admin loads (pages that refresh themselves have a small one), the licences of what is in
// them, and built.json, by which a test without Node tells a stale bundle (platform_site/tests/pages/test_bundle.py).
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const out = join(root, "platform_site", "static", "platform", "bundle");
process.chdir(here);

const hashed = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");
const hashes = (paths) => Object.fromEntries(paths.map((path) => [relative(root, path), hashed(path)]));

function filesUnder(folder) {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort();
}

function licenceOf(name) {
  const folder = join(here, "node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(join(folder, file), "utf8").trim() : "";
  return `${name} ${version} (${license})\n\n${text}\n`;
}

const { metafile } = await build({
  entryPoints: { bundle: "src/main.ts", live: "src/live/main.ts" },
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome109", "firefox115", "safari16.4"],
  legalComments: "none",
  charset: "utf8",
  metafile: true,
  logLevel: "info",
});

const packages = Object.keys(metafile.inputs).map((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]);
const names = [...new Set(packages.filter(Boolean))].sort();
const licences = join(out, "licenses.txt");
mkdirSync(out, { recursive: true });
writeFileSync(licences, names.map(licenceOf).join(`\n${"-".repeat(72)}\n\n`));

const settings = ["build.mjs", "package.json", "package-lock.json", "tsconfig.json"].map((name) => join(here, name));
const foreign = Object.keys(metafile.inputs).filter((path) => path.startsWith("../")).map((path) => join(here, path));
const built = {
  sources: hashes([...settings, ...filesUnder(join(here, "src")), ...foreign]),
  bundle: hashes(filesUnder(out)),
};
writeFileSync(join(here, "built.json"), `${JSON.stringify(built, null, 2)}\n`);
