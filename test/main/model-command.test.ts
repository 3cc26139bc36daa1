import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelPackage, modelsFolder } from '../support/model-packages.ts';
import { heatmapModel } from '../support/onnx-bytes.ts';

/** The command line as an operator has it: a process of its own, exit codes 0, 1 and 64. */
const models = modelsFolder();
modelPackage(models, 'blob-log-ct');

function overread(...args: string[]) {
  const cli = join(import.meta.dirname, '../../services/main/cli.ts');
  const env = { ...process.env, MODELS_DIR: models, LOG_LEVEL: 'silent' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'model', ...args], { env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

const PATIENT = { timeout: 120_000 };

describe('overread model validate', PATIENT, () => {
  it('loads a sound package, and exits 0', () => {
    expect(overread('validate', 'blob-log-ct')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/ok {6}manifest\nok .*\nok .*\nok {6}loads on cpu/),
    });
  });

  it('says what the runtime refuses, in its words, and exits 1', () => {
    modelPackage(models, 'unknown-op', { graph: heatmapModel({ op: 'Magic', domain: 'com.example' }) });
    const { status, stdout } = overread('validate', 'unknown-op');
    expect(status).toBe(1);
    expect(stdout).toMatch(/FAILED {2}loads\n +the runtime refuses the graph: .*com\.example/);
  });

  it('says every problem of a package, and exits 1', () => {
    modelPackage(models, 'not-numbers', { graph: heatmapModel({ weight: Number.NaN, opset: 18 }) });
    const { status, stdout } = overread('validate', 'not-numbers');
    expect(status).toBe(1);
    expect(stdout).toMatch(/FAILED {2}graph model\.fp32\.onnx\n +the graph is of opset 18.*\n +weights are not finite/);
    expect(overread('validate', 'nowhere')).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('cannot be read'),
    });
  });
});

describe('overread model inspect', PATIENT, () => {
  it('shows a package with its cost, and a single file', () => {
    const { status, stdout } = overread('inspect', 'blob-log-ct');
    expect(status).toBe(0);
    expect(stdout).toMatch(/input +image {2}1x1xdxhxw float32\n/);
    expect(stdout).toMatch(/cost +stated: 60 GFLOP a study, 900 MB\ncost +measured on cpu: [\d.]+ s/);
    const file = join(import.meta.dirname, '../detection/exports/ultralytics/best.onnx');
    const { metadata, operators } = JSON.parse(overread('inspect', file, '--json').stdout);
    expect(metadata.task).toBe('detect');
    expect(operators.Conv).toBe(3);
    expect(overread('inspect', join(import.meta.dirname, 'model-command.test.ts.onnx'))).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^overread: MODEL_INVALID: .* cannot be read\n$/),
    });
  });
});

describe('overread model selftest', PATIENT, () => {
  it('runs the known answer, and names each provider that was passed over', () => {
    const { status, stdout } = overread('selftest', 'blob-log-ct', '--provider', 'tensorrt,cpu');
    expect(status).toBe(0);
    expect(stdout).toMatch(/note {4}not on tensorrt: .+\nok {6}runs on cpu, fp32\nok {6}self test: 4 lesions found/);
  });

  it('fails with what differs, and exits 1', () => {
    modelPackage(models, 'forgetful', {
      change: (manifest) => {
        manifest.selfTest.lesions[1].centerMm[0] += 5;
      },
    });
    const { status, stdout } = overread('selftest', 'forgetful', '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout).selfTest).toMatchObject({
      passed: false,
      detail: expect.stringMatching(/^the lesion at -39.7, .* was not found: the nearest mark is 5\.\d\d mm away$/),
    });
  });
});

describe('overread model import', PATIENT, () => {
  it('writes a draft that says what is to be filled in, and usage errors exit 64', () => {
    const out = mkdtempSync(join(tmpdir(), 'overread-out-'));
    const bundle = join(import.meta.dirname, '../detection/exports/monai');
    const { status, stdout } = overread('import', bundle, '--id', 'lung-retinanet', '--out', out);
    expect(status).toBe(0);
    expect(stdout).toMatch(/a draft from a MONAI bundle 0\.6\.8.*\n(.*\n)* {2}card\.intendedUse\n/);
    expect(overread('validate', join(out, 'lung-retinanet')).stdout).toMatch(/still to be filled in by a person/);
    expect(overread('import', bundle, '--id', '../x').status).toBe(64);
    expect(overread('selftest', 'blob-log-ct', '--provider', 'abacus').status).toBe(64);
  });
});
