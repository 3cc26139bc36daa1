import { basename, join } from 'node:path';
import { analyzeInputs } from '../services/detection/analyze-inputs.ts';
import { openModel } from '../services/detection/load-model.ts';
import { openSession } from '../services/detection/onnx-session.ts';
import { isPlaced } from '../services/domain/finding.ts';
import { AnalysisAnswer } from '../services/domain/run.ts';
import { SliceThreads } from '../services/imaging/slice-threads.ts';
import { analysisInputs } from './analysis-inputs.ts';

/**
 * `MODEL=lung-nodule-ct node benchmarks/analysis.ts [repeats] <folder of a study> …`: what an analyzer does with it, in this process, with the
 * seconds of each stage, the peak of resident memory and the ten best marks.
 */
const [first = '', ...rest] = process.argv.slice(2);
const repeats = Number.isInteger(Number(first)) ? Number(first) : 1;
const folders = Number.isInteger(Number(first)) ? rest : [first, ...rest];

const { manifest, graph } = await openModel(
  join(import.meta.dirname, '../models', process.env.MODEL ?? 'lung-nodule-ct'),
);
const threads = new SliceThreads();
const session = await openSession(graph, {
  input: manifest.inputs[0].name,
  outputs: manifest.outputs.map(({ name }) => name),
  threads: 0,
});
const threshold = manifest.operatingPoints.find((point) => point.default)?.threshold ?? 1;

for (const folder of folders) {
  const inputs = analysisInputs(folder);
  for (let round = 1; round <= repeats; round++) {
    const start = performance.now();
    const answer = AnalysisAnswer.parse(
      await analyzeInputs(inputs, { manifest, session }, { threads, progress: () => {} }),
    );
    const seconds = ((performance.now() - start) / 1000).toFixed(2);
    const rss = Math.round(process.resourceUsage().maxRSS / 1024);
    console.log(`${basename(folder)} (${inputs.length} files) ${seconds} s, peak ${rss} MB`);
    console.log(`  ${JSON.stringify(answer.stageSeconds)}`);
    if (answer.outcome === 'NOT_ANALYSABLE') console.log(`  not analysable: ${JSON.stringify(answer.reason)}`);
    else {
      const above = answer.lesions.filter(({ score }) => score >= threshold).length;
      console.log(`  ${answer.lesions.length} marks, ${above} at or above ${threshold}`);
      for (const { center, diameterMm, score, laterality, region } of answer.lesions.filter(isPlaced).slice(0, 10)) {
        const at = center.map((mm) => mm.toFixed(1)).join(', ');
        const box = [region.left, region.top, region.right, region.bottom].map((p) => p.toFixed(0)).join(' ');
        console.log(`  ${score.toFixed(4)}  ${diameterMm.toFixed(1)} mm at ${at}  ${laterality}  box ${box}`);
      }
    }
  }
}
await threads.close();
