import type { SeriesMark } from './luna16-csv.ts';

/** Boxes on single images, a line each, as `--detections` reads them; pixels keep every digit. */
export function imageBoxesCsv(marks: readonly SeriesMark[]): string {
  const lines = marks.flatMap(({ SeriesInstanceUID, image = '', box, score }) => {
    if (!box) return [];
    const [sopuid, frame] = image.split(' ');
    return [[SeriesInstanceUID, sopuid, frame, box.from[0], box.from[1], box.to[0], box.to[1], score].join(',')];
  });
  return `${['seriesuid,sopuid,frame,left,top,right,bottom,probability', ...lines].join('\n')}\n`;
}
