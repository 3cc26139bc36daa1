import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Peers that are no packages of Debian, fetched once into `.cache/` by the test command. Their tests are skipped by name where
 * they could not be had.
 */
const CACHE = join(import.meta.dirname, '../../.cache/peers');

/** The viewer of OHIF as it is published, built: its dependencies are not installed. */
const OHIF = {
  version: '3.13.2',
  sha512: 'WZdxmpmG7rqFgW9ZJLcbgr3XCtLi1KDNPoMaeY5PPe6j4G4fjEjjkycZM6C6Zk2F87BKxFfpq+jd5xXZB9E8EA==',
};
const OHIF_FOLDER = join(CACHE, `ohif-${OHIF.version}`);
export const OHIF_DIST = join(OHIF_FOLDER, 'package/dist');
export const hasOhif = (): boolean => existsSync(join(OHIF_DIST, 'index.html'));

const PYTHON_PACKAGES = ['dicomweb-client==0.61.0', 'pydicom==3.0.2'];
const PYTHON_FOLDER = join(CACHE, 'dicomweb-python');
/** A Python with dicomweb-client. */
export const DICOMWEB_PYTHON = join(PYTHON_FOLDER, 'bin/python');
export const hasDicomwebPython = (): boolean => existsSync(join(PYTHON_FOLDER, 'complete'));

const PYNETDICOM_PACKAGES = ['pynetdicom==3.0.4', 'pydicom==3.0.2'];
const PYNETDICOM_FOLDER = join(CACHE, 'pynetdicom');
/** A Python with pynetdicom and its programs: `-m pynetdicom findscu` and others. */
export const PYNETDICOM_PYTHON = join(PYNETDICOM_FOLDER, 'bin/python');
export const hasPynetdicom = (): boolean => existsSync(join(PYNETDICOM_FOLDER, 'complete'));

const DCMJS_DIMSE = 'dcmjs-dimse@0.3.3';
/** A folder of packages of its own, with dcmjs-dimse in it. */
export const DCMJS_DIMSE_FOLDER = join(CACHE, DCMJS_DIMSE);
export const hasDcmjsDimse = (): boolean => existsSync(join(DCMJS_DIMSE_FOLDER, 'complete'));

const run = (program: string, ...parameters: string[]): boolean =>
  spawnSync(program, parameters, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;

/** Fetches what is not there yet; names what could not be had. */
export function fetchPeers(): readonly string[] {
  mkdirSync(CACHE, { recursive: true });
  const missing: string[] = [];
  if (!hasOhif() && !fetchOhif()) missing.push(`OHIF ${OHIF.version}`);
  if (!hasDicomwebPython() && !makePython(PYTHON_FOLDER, PYTHON_PACKAGES)) missing.push("Python's dicomweb-client");
  if (!hasPynetdicom() && !makePython(PYNETDICOM_FOLDER, PYNETDICOM_PACKAGES)) missing.push('pynetdicom');
  if (!hasDcmjsDimse() && !installPackage(DCMJS_DIMSE_FOLDER, DCMJS_DIMSE)) missing.push(DCMJS_DIMSE);
  return missing;
}

/** What is not the file that we know is thrown away unopened. */
function fetchOhif(): boolean {
  const archive = join(CACHE, `ohif-app-${OHIF.version}.tgz`);
  const asked = ['pack', `@ohif/app@${OHIF.version}`, '--pack-destination', CACHE, '--ignore-scripts', '--silent'];
  if (!run('npm', ...asked) || !existsSync(archive)) return false;
  const isKnown = createHash('sha512').update(readFileSync(archive)).digest('base64') === OHIF.sha512;
  const partial = `${OHIF_FOLDER}.partial`;
  mkdirSync(partial, { recursive: true });
  const isThere = isKnown && run('tar', '-xzf', archive, '-C', partial, 'package/dist');
  if (isThere) renameSync(partial, OHIF_FOLDER);
  else rmSync(partial, { recursive: true, force: true });
  rmSync(archive, { force: true });
  return isThere;
}

/** With what it depends on, and without running a script of any of them. */
function installPackage(folder: string, name: string): boolean {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const quietly = ['--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
  const isMade = run('npm', 'install', '--prefix', folder, name, ...quietly);
  if (isMade) mkdirSync(join(folder, 'complete'));
  return isMade;
}

function makePython(folder: string, packages: readonly string[]): boolean {
  rmSync(folder, { recursive: true, force: true });
  const isMade =
    run('python3', '-m', 'venv', folder) &&
    run(join(folder, 'bin/pip'), 'install', '--quiet', '--disable-pip-version-check', ...packages);
  if (isMade) mkdirSync(join(folder, 'complete'));
  return isMade;
}
