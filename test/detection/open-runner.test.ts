import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadModel } from '../../services/detection/load-model.ts';
import { openRunner, type RunnerOptions } from '../../services/detection/open-runner.ts';
import type { Provider } from '../../services/domain/model.ts';
import { BLOB_LOG, type LooseManifest, modelPackage, modelsFolder } from '../support/model-packages.ts';
import { heatmapModel } from '../support/onnx-bytes.ts';

const folder = modelsFolder();
const CARD = { threads: 1, device: 0 };

async function opened(directory: string, options: RunnerOptions) {
  const { manifest } = await loadModel(directory);
  const { session, precision, passedOver } = await openRunner(directory, manifest, options);
  const [heat] = await session.run(Float32Array.of(100, -100, 0, 50), [1, 1, 1, 2, 2]);
  const { provider } = session;
  await session.release();
  return { provider, precision, passedOver, heat: [...(heat?.data ?? [])] };
}

describe('the order of providers', () => {
  it('each that is not here is named with the words of the runtime, and the processor runs', async () => {
    const providers: Provider[] = ['cuda', 'tensorrt', 'coreml', 'dml', 'cpu'];
    const { provider, precision, passedOver } = await opened(BLOB_LOG, { ...CARD, providers });
    expect({ provider, precision }).toEqual({ provider: 'cpu', precision: 'fp32' });
    expect(passedOver.map((over) => over.provider)).toEqual(providers.slice(0, -1));
    expect(passedOver.every(({ detail }) => /^\w+ does not open it: /.test(detail))).toBe(true);
  });

  it('what stands behind the processor is not tried', async () => {
    expect((await opened(BLOB_LOG, { ...CARD, providers: ['cpu', 'cuda'] })).passedOver).toEqual([]);
  });

  it('an analyzer without a card tries none, and neither does a model that needs more memory than it may', async () => {
    const without = await opened(BLOB_LOG, { threads: 1, providers: ['cuda'] });
    expect(without.passedOver).toEqual([
      { provider: 'cuda', detail: expect.stringMatching(/taken by other analyzers/) },
    ]);
    const large = modelPackage(folder, 'large', {
      change: (manifest) => {
        manifest.runtime.estimate.gpuMemoryMb = 9000;
      },
    });
    const { passedOver } = await opened(large, { ...CARD, deviceMemoryMb: 8000, providers: ['cuda'] });
    expect(passedOver).toEqual([{ provider: 'cuda', detail: 'it needs 9000 MB of a card, GPU_MEMORY_MB is 8000' }]);
  });

  it('a provider that the model has no file for is passed over', async () => {
    const only = modelPackage(folder, 'only-cpu', {
      change: (manifest) => {
        manifest.artifacts[0].providers = ['cpu'];
      },
    });
    const { passedOver } = await opened(only, { ...CARD, providers: ['webgpu'] });
    expect(passedOver).toEqual([{ provider: 'webgpu', detail: 'the model has no file for it' }]);
  });
});

/** A package whose second file, called `precision`, answers `factor` times what the first does. */
function withSecond(id: string, precision: string, factor: number, graph = heatmapModel({ weight: 0.01 * factor })) {
  const change = (manifest: LooseManifest) => {
    const sha256 = createHash('sha256').update(graph).digest('hex');
    manifest.artifacts.push({ path: 'second.onnx', sha256, bytes: graph.length, precision, opset: 17 });
    manifest.runtime.precision = { cpu: precision };
  };
  const directory = modelPackage(folder, id, { graph: heatmapModel({ weight: 0.01 }), change });
  writeFileSync(join(directory, 'second.onnx'), graph);
  return directory;
}

describe('another file is held against the processor at full precision before it reads a study', () => {
  it('within the tolerance of its precision it runs, and is what is reported', async () => {
    const close = withSecond('close', 'fp16', 1.002); // up to 10 x 0.002
    const { provider, precision, passedOver, heat } = await opened(close, { ...CARD, providers: ['cpu'] });
    expect({ provider, precision, passedOver }).toEqual({ provider: 'cpu', precision: 'fp16', passedOver: [] });
    expect(heat[0]).toBeCloseTo(1.002, 5);
  });

  it('beyond it the reference runs, and the difference is named', async () => {
    const far = withSecond('far', 'fp16', 1.2);
    const { precision, passedOver, heat } = await opened(far, { ...CARD, providers: ['cpu'] });
    expect(precision).toBe('fp32');
    expect(heat[0]).toBeCloseTo(1, 5);
    expect(passedOver).toEqual([
      {
        provider: 'cpu',
        detail: expect.stringMatching(/^output heat differs from the cpu by [\d.]+, more than 0\.05$/),
      },
    ]);
  });

  it('answers that are no numbers never pass', async () => {
    const none = withSecond('none', 'int8', 1, heatmapModel({ op: 'Pow', weight: 0.5 }));
    const { precision, passedOver } = await opened(none, { ...CARD, providers: ['cpu'] });
    expect(precision).toBe('fp32');
    expect(passedOver).toMatchObject([{ detail: expect.stringMatching(/holds what is no number/) }]);
  });

  it('a precision that no file has is an invalid manifest', async () => {
    const lost = modelPackage(folder, 'lost', {
      change: (manifest) => {
        manifest.runtime.precision = { cuda: 'fp16' };
      },
    });
    await expect(loadModel(lost)).rejects.toThrow(/runtime: precision of cuda: there is no fp16 artifact/);
  });
});

/** Chromium's software driver and the loader of Debian: no card is needed to run WebGPU, slowly. */
const DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';
const LOADER = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu'].find((directory) =>
  existsSync(join(directory, 'libvulkan.so.1')),
);

describe.skipIf(!LOADER || !existsSync(DRIVER))('WebGPU in software (needs chromium and libvulkan1)', () => {
  it('runs what it can, leaves the rest to the processor, and both are reported', { timeout: 120_000 }, () => {
    const env = { PATH: process.env.PATH, LD_LIBRARY_PATH: LOADER, VK_ICD_FILENAMES: DRIVER };
    const entry = join(import.meta.dirname, 'entries/webgpu.ts');
    const { stdout, stderr } = spawnSync(process.execPath, [entry, BLOB_LOG], { env, encoding: 'utf8' });
    expect(stdout, stderr).toMatch(/^\{/);
    expect(JSON.parse(stdout)).toEqual({ provider: 'webgpu+cpu', precision: 'fp32', passedOver: [], isSame: true });
  });
});
