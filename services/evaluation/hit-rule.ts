import { AppError } from '../domain/errors.ts';
import { areTogether, boxIou, cubeAround, isInside, type Mark, squaredDistance, type TrueLesion } from './lesion.ts';

/** Does this mark find this lesion? */
export type HitRule = (mark: Mark, lesion: TrueLesion) => boolean;

/**
 * The names of the rules: `luna16`, `pointInBox`, `pointInMask`, `byShape`, `cubeFroc`, `iou@0.1` (any number of 0 … 1),
 * `centerDistance(1.5*r)` (any positive factor).
 */
export const HIT_RULE_NAME =
  /^(?:luna16|pointInBox|pointInMask|byShape|cubeFroc|iou@(?:0?\.\d+|1)|centerDistance\(\d+(?:\.\d+)?\*r\))$/;

/** LUNA16: a finding without a measured size reaches 5 mm. */
const UNMEASURED_DIAMETER_MM = 10;

/**
 * A mark on one image never finds a lesion on another.
 *
 * @throws {AppError} BENCH_INVALID for a name that is none; the rule itself throws TRUTH_INVALID or MARKS_INVALID.
 */
export function hitRule(name: string): HitRule {
  const rule = placeRule(name);
  return (mark, lesion) => areTogether(mark, lesion) && rule(mark, lesion);
}

function placeRule(name: string): HitRule {
  const [, iou] = /^iou@([\d.]+)$/.exec(name) ?? [];
  if (iou !== undefined) return (mark, lesion) => boxIou(markBox(mark), lesionBox(lesion)) >= Number(iou);
  const [, factor] = /^centerDistance\(([\d.]+)\*r\)$/.exec(name) ?? [];
  if (factor !== undefined) return (mark, lesion) => isNearer(mark, lesion, Number(factor));
  const rule = NAMED[name];
  if (rule === undefined) throw new AppError('BENCH_INVALID', `there is no hit rule "${name}"`);
  return rule;
}

/** The rule that a lesion itself is judged by under `name`: what `byShape` stands for. */
export function ruleFor(name: string, { diameterMm, box }: TrueLesion): string {
  if (name !== 'byShape') return name;
  return diameterMm !== undefined ? 'luna16' : box ? 'pointInBox' : 'pointInMask';
}

/** Centre strictly nearer than the radius, squared, so that no root is taken (LUNA16, rule 3). */
const luna16: HitRule = (mark, lesion) => isNearer(mark, lesion, 1);

const pointInBox: HitRule = ({ center }, lesion) => {
  if (!lesion.box) throw unfit(lesion, 'pointInBox', 'a box');
  return isInside(lesion.box, center);
};

const pointInMask: HitRule = ({ center }, lesion) => {
  if (!lesion.mask) throw unfit(lesion, 'pointInMask', 'a mask');
  return lesion.mask.contains(center);
};

const NAMED: Readonly<Record<string, HitRule>> = {
  luna16,
  pointInBox,
  pointInMask,
  /** A sphere by its radius, else a box, else a mask. */
  byShape: (mark, lesion) => placeRule(ruleFor('byShape', lesion))(mark, lesion),
  /** For nodule cubes: within the radius of the sphere of equal volume, or inside the mask. */
  cubeFroc: (mark, lesion) => luna16(mark, lesion) || pointInMask(mark, lesion),
};

function isNearer({ center }: Mark, lesion: TrueLesion, factor: number): boolean {
  if (lesion.diameterMm === undefined) throw unfit(lesion, 'the distance of centres', 'a diameter');
  const diameterMm = lesion.diameterMm < 0 ? UNMEASURED_DIAMETER_MM : lesion.diameterMm;
  return squaredDistance(center, lesion.center) < (factor * (diameterMm / 2)) ** 2;
}

/** The box of a lesion: its own, or the cube around its sphere. */
export function lesionBox(lesion: TrueLesion) {
  if (lesion.box) return lesion.box;
  if (lesion.diameterMm === undefined) throw unfit(lesion, 'overlap', 'a box or a diameter');
  return cubeAround(lesion.center, lesion.diameterMm < 0 ? UNMEASURED_DIAMETER_MM : lesion.diameterMm);
}

/** Its own box, or the cube around the sphere that a mark stands for. */
export function markBox({ center, diameterMm, box }: Mark) {
  if (box) return box;
  if (diameterMm === undefined) throw new AppError('MARKS_INVALID', 'marks without a diameter have no box');
  return cubeAround(center, diameterMm);
}

const unfit = ({ id }: TrueLesion, rule: string, what: string): AppError =>
  new AppError('TRUTH_INVALID', `lesion ${id} has not ${what}, which ${rule} needs`, { lesion: id });
