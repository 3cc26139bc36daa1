import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import type { Provider } from '../../domain/model.ts';

/** What is to be looked at on this machine; every path and library is asked for, not assumed. */
export interface Machine {
  readonly exists: (path: string) => boolean;
  /** Whether the dynamic linker finds a library by its name. */
  readonly hasLibrary: (name: string) => boolean;
  /** Files that name a Vulkan driver. */
  readonly vulkanDrivers: readonly string[];
  /** Where the runtime's own libraries lie. */
  readonly runtimeFolder: string;
}

const CUDA_LIBRARIES = [
  'libcudart.so.12',
  'libcublas.so.12',
  'libcublasLt.so.12',
  'libcufft.so.11',
  'libcurand.so.10',
  'libcudnn.so.9',
];
const CUDA_PACKAGES = ['cuda-libraries-12-8', 'libcudnn9-cuda-12'];
const TENSORRT_PACKAGES = ['libnvinfer10', 'libnvonnxparsers10'];
const TENSORRT_LIBRARIES = ['libnvinfer.so.10', 'libnvonnxparser.so.10'];

/** The commands that would make a provider run, for what is missing here. */
export function providerAdvice(provider: Provider, detail: string, machine: Machine = thisMachine()): string[] {
  if (provider === 'webgpu') return webgpuAdvice(detail, machine);
  if (provider !== 'cuda' && provider !== 'tensorrt') return [];
  const { exists, hasLibrary, runtimeFolder } = machine;
  const file = join(runtimeFolder, `libonnxruntime_providers_${provider}.so`);
  const libraries = provider === 'cuda' ? CUDA_LIBRARIES : [...CUDA_LIBRARIES, ...TENSORRT_LIBRARIES];
  const packages = [...CUDA_PACKAGES, ...(provider === 'tensorrt' ? TENSORRT_PACKAGES : [])];
  const missing = libraries.filter((name) => !hasLibrary(name));
  return [
    ...(exists('/proc/driver/nvidia/version')
      ? []
      : ['no NVIDIA driver: apt-get install nvidia-driver, then restart; `nvidia-smi` must list the card']),
    ...(exists(file)
      ? []
      : [`${file} is missing: ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js`]),
    ...(missing.length === 0
      ? []
      : [
          `not found by the linker: ${missing.join(', ')}; from NVIDIA's repository: apt-get install ${packages.join(' ')}`,
          'the linker must know their folder, for analyzers have no LD_LIBRARY_PATH: echo /usr/local/cuda/lib64 > /etc/ld.so.conf.d/cuda.conf && ldconfig',
        ]),
  ];
}

function webgpuAdvice(detail: string, { hasLibrary, vulkanDrivers }: Machine): string[] {
  if (platform() !== 'linux' || !/adapter/i.test(detail)) return [];
  return [
    ...(hasLibrary('libvulkan.so.1') ? [] : ['libvulkan.so.1 is missing: apt-get install libvulkan1']),
    ...(vulkanDrivers.length > 0
      ? [
          'no card that its Vulkan driver brings up: apt-get install vulkan-tools, then `vulkaninfo --summary` lists what is there',
        ]
      : ['no Vulkan driver: apt-get install mesa-vulkan-drivers (AMD, Intel) or nvidia-driver (NVIDIA)']),
  ];
}

function thisMachine(): Machine {
  const listed = spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' }).stdout ?? '';
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
  return {
    exists: existsSync,
    vulkanDrivers: globSync(['/usr/share/vulkan/icd.d/*.json', '/etc/vulkan/icd.d/*.json']),
    hasLibrary: (name) => listed.includes(`\t${name} `),
    runtimeFolder: join(dirname(entry), '../bin/napi-v6', platform(), arch()),
  };
}
