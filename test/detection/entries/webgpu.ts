import { loadModel } from '../../../services/detection/load-model.ts';
import { openRunner } from '../../../services/detection/open-runner.ts';
import { probeInput } from '../../../services/detection/probe-input.ts';

/** Opens a model on WebGPU in a process whose environment names a Vulkan driver, and says what ran. */
const directory = process.argv[2] ?? '';
const { manifest } = await loadModel(directory);
const { session, precision, passedOver } = await openRunner(directory, manifest, {
  providers: ['webgpu', 'cpu'],
  threads: 1,
  device: 0,
});
const { input, dims } = probeInput(manifest);
const once = (await session.run(input, dims)).map(({ data }) => data.slice());
const twice = (await session.run(input, dims)).map(({ data }) => data);
const isSame = once.every((data, output) => data.every((value, at) => value === twice[output]?.[at]));
process.stdout.write(JSON.stringify({ provider: session.provider, precision, passedOver, isSame }));
