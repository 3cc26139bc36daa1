import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { imageBoxesCsv } from './output/image-boxes-csv.ts';
import { junit } from './output/junit.ts';
import { luna16Csv, type SeriesMark } from './output/luna16-csv.ts';
import { type ReportInput, reportPage } from './report/report-page.ts';

/** `metrics.json`, `junit.xml`, `detections.csv` and `report.html` in a folder that is made when it is missing. */
export async function writeOutputs(folder: string, report: ReportInput, marks: readonly SeriesMark[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  await write('metrics.json', `${JSON.stringify(report.metrics)}\n`);
  await write('junit.xml', junit(report.metrics));
  const isOnImages = marks.some(({ image }) => image !== undefined);
  await write('detections.csv', isOnImages ? imageBoxesCsv(marks) : luna16Csv(marks));
  await write('report.html', reportPage(report));
}
