import type { ReadLesion } from '../../services/domain/contract/reading.ts';

/** A measured nodule of 9.2 x 7.8 mm in the right lung, its axes along x and y. */
export const readLesion = (patch: Partial<ReadLesion> = {}): ReadLesion => ({
  center: [-60, 10, 15],
  diameterMm: 8.5,
  volumeMm3: 300,
  label: 'nodule',
  laterality: 'right',
  SeriesInstanceUID: '1.2',
  region: { SOPClassUID: '1.2', SOPInstanceUID: '1.2.3', frame: 1, left: 0, top: 0, right: 1, bottom: 1 },
  measurement: {
    longAxisMm: 9.2,
    shortAxisMm: 7.8,
    meanDiameterMm: 8.5,
    volumeMm3: 300,
    longAxis: [
      [-64.6, 10, 15],
      [-55.4, 10, 15],
    ],
    shortAxis: [
      [-60, 6.1, 15],
      [-60, 13.9, 15],
    ],
    meanHu: 20,
    density: 'solid',
    solidMm: null,
    pleuraMm: 4,
  },
  ...patch,
});
