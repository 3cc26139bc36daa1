import type { StudyToPlan } from '../domain/ports.ts';
import type { Reason } from '../domain/reason.ts';
import type { ModelManifest } from './model-manifest.ts';

/** What the index knows of a series; no file is opened here. */
export type IndexedSeries = StudyToPlan['series'];

/** Storage SOP Classes without pixels: SR, presentation states, waveforms, raw data, registrations, RT plans, documents. */
const NOT_IMAGES =
  /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.(88|11|9|66\.[1-35-6]|66$|67|104|68|481\.[3-9]|200|131|78|79|80)(\.|$)/;

/** Every series, or the reason why none of them holds images. */
export function imageSeries(series: IndexedSeries): { readonly series: readonly string[]; readonly reason?: Reason } {
  const classes = [...new Set(series.flatMap(({ instances }) => instances.map(({ SOPClassUID }) => SOPClassUID)))];
  if (classes.every((uid) => NOT_IMAGES.test(uid)))
    return { series: [], reason: { code: 'NOT_AN_IMAGE', params: { sopClass: classes[0] ?? 'no instances' } } };
  return { series: series.map(({ SeriesInstanceUID }) => SeriesInstanceUID) };
}

/** The series of a study that a model may read, by modality and SOP Class, or the reason why there is none. */
export function suitableSeries(
  { accepts }: Pick<ModelManifest, 'accepts'>,
  series: IndexedSeries,
): { readonly series: readonly string[]; readonly reason?: Reason } {
  const images = imageSeries(series);
  if (images.reason !== undefined) return images;

  const ofModality = series.filter(({ Modality }) => accepts.modality.includes(Modality));
  if (ofModality.length === 0)
    return { series: [], reason: { code: 'NO_SUITABLE_SERIES', params: { modality: accepts.modality.join(', ') } } };

  const suitable = ofModality.filter(({ instances }) =>
    instances.some(({ SOPClassUID }) => accepts.sopClassUids.includes(SOPClassUID)),
  );
  if (suitable.length > 0)
    return { series: withoutLocalizers(suitable).map(({ SeriesInstanceUID }) => SeriesInstanceUID) };
  const value = ofModality[0]?.instances[0]?.SOPClassUID ?? '';
  const accepted = accepts.sopClassUids.join(', ').slice(0, 200);
  return { series: [], reason: { code: 'OUT_OF_SCOPE', params: { attribute: 'SOPClassUID', value, accepted } } };
}

/** A localizer beside images is nothing to read, and nothing to wait for; alone it stays, so that its study says what it is. */
function withoutLocalizers(series: IndexedSeries): IndexedSeries {
  const images = series.filter(({ localizer }) => localizer !== true);
  return images.length > 0 ? images : series;
}
