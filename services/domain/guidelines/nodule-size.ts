/** The axes of a nodule on its image, or its mean diameter where they are not known; mm. */
export interface NoduleSize {
  readonly longAxisMm?: number | undefined;
  readonly shortAxisMm?: number | undefined;
  readonly meanDiameterMm?: number | undefined;
}

const tenths = (mm: number): number => Math.round(Number((mm * 10).toFixed(6)));

/** To 0.1 mm, half upwards. */
export const toTenth = (mm: number): number => tenths(mm) / 10;

/** Mean of both axes, each to 0.1 mm, to 0.1 mm; `undefined` where nothing was measured. */
export function meanDiameter({ longAxisMm, shortAxisMm, meanDiameterMm }: NoduleSize): number | undefined {
  if (longAxisMm !== undefined && shortAxisMm !== undefined)
    return Math.round((tenths(longAxisMm) + tenths(shortAxisMm)) / 2) / 10;
  return meanDiameterMm === undefined ? undefined : toTenth(meanDiameterMm);
}
