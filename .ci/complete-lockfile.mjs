// Completes package-lock.json with the optional packages of other platforms.
//
// `npm install` leaves an optional package out of the lockfile when the registry cannot deliver it at that moment, and
// `npm ci` then refuses the lockfile on every machine. This adds the entries that are missing, by name, version, os and
// cpu, so that npm knows them and skips them where they do not fit. Run after every change of dependencies:
//   node .ci/complete-lockfile.mjs && npm ci
import { readFileSync, writeFileSync } from 'node:fs';

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const OS = /(^|-)(android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|aix|win32|windows)(-|$)/;
const CPU = /(^|-)(arm64|x64|ia32|arm|ppc64|riscv64|s390x|loong64)(-|$)/;

let added = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (resolves(path, name)) continue;
    const short = name.split('/').at(-1) ?? name;
    const os = OS.exec(short)?.[2];
    const cpu = CPU.exec(short)?.[2];
    if (os === undefined) throw new Error(`${name}: no platform in its name, add it by hand`);
    lock.packages[`node_modules/${name}`] = {
      version,
      ...(cpu === undefined ? {} : { cpu: [cpu] }),
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
      os: [os],
      ...(short.endsWith('musl') || short.includes('musleabi') ? { libc: ['musl'] } : {}),
    };
    added += 1;
  }
}

/** Is `name` found from `path` the way Node looks for it: nested first, then upwards? */
function resolves(path, name) {
  for (let at = path; ; at = at.includes('/node_modules/') ? at.slice(0, at.lastIndexOf('/node_modules/')) : '') {
    if (lock.packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`] !== undefined) return true;
    if (at === '') return false;
  }
}

const [root, ...rest] = Object.entries(lock.packages);
lock.packages = Object.fromEntries([root, ...rest.sort(([a], [b]) => (a < b ? -1 : 1))]);
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} entries added`);
