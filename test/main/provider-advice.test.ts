import { describe, expect, it } from 'vitest';
import { type Machine, providerAdvice } from '../../services/main/commands/provider-advice.ts';

/** A machine that has everything, but for what a test takes away. */
function machine(absent: { files?: RegExp; libraries?: RegExp; vulkanDrivers?: readonly string[] } = {}): Machine {
  return {
    exists: (path) => !absent.files?.test(path),
    hasLibrary: (name) => !absent.libraries?.test(name),
    vulkanDrivers: absent.vulkanDrivers ?? ['/usr/share/vulkan/icd.d/nvidia_icd.json'],
    runtimeFolder: '/app/runtime',
  };
}
const NO_ADAPTER = 'Failed to get a WebGPU adapter: No supported adapters';

describe('overread doctor --gpu names what is missing, with its command', () => {
  // biome-ignore format: a table
  it.each<['cuda' | 'tensorrt' | 'webgpu', Parameters<typeof machine>[0], RegExp[]]>([
    ['cuda', {}, []],
    ['cuda', { files: /nvidia\/version/ }, [/^no NVIDIA driver: apt-get install nvidia-driver/]],
    ['cuda', { files: /providers_cuda/ }, [/^\/app\/runtime\/libonnxruntime_providers_cuda\.so is missing: ONNXRUNTIME_NODE_INSTALL=cuda12 node /]],
    ['cuda', { libraries: /cudnn/ }, [/^not found by the linker: libcudnn\.so\.9; from NVIDIA's repository: apt-get install/, /ldconfig$/]],
    ['cuda', { libraries: /nvinfer/ }, []],
    ['tensorrt', { libraries: /nvinfer/ }, [/libnvinfer\.so\.10; .*libnvinfer10/, /ldconfig$/]],
    ['webgpu', { libraries: /vulkan/, vulkanDrivers: [] }, [/apt-get install libvulkan1$/, /^no Vulkan driver: apt-get install mesa-vulkan-drivers/]],
    ['webgpu', {}, [/^no card that its Vulkan driver brings up: /]],
  ])('%s without %o', (provider, absent, lines) => {
    const advice = providerAdvice(provider, NO_ADAPTER, machine(absent));
    expect(advice).toHaveLength(lines.length);
    for (const [index, words] of lines.entries()) expect(advice[index]).toMatch(words);
  });
});
