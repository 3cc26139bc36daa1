import { platform } from 'node:os';
import type { Config } from '../../config.ts';
import { AppError } from '../../domain/errors.ts';
import { Provider } from '../../domain/model.ts';
import { checkModel } from './model.ts';
import { providerAdvice } from './provider-advice.ts';

/** What was found out of one provider, and the commands that would make it run. */
interface ProviderReport {
  readonly provider: Provider;
  readonly ran: boolean;
  readonly detail: string;
  readonly advice: readonly string[];
}

/** Tries every provider that this system can have on a model, each in an analyzer of its own, and says what is missing. */
export async function doctorGpu(config: Config, directory: string): Promise<boolean> {
  const wanted = Provider.options.filter((provider) => provider !== 'cpu' && isOfThisSystem(provider));
  const reports: ProviderReport[] = [];
  for (const provider of wanted) {
    const report = await tried(config, directory, provider);
    reports.push(report);
    process.stdout.write(`${report.ran ? 'ok    ' : 'absent'}  ${provider.padEnd(18)} ${report.detail}\n`);
    for (const line of report.advice) process.stdout.write(`        ${''.padEnd(18)} ${line}\n`);
  }
  const best = reports.find(({ ran }) => ran);
  process.stdout.write(
    best
      ? `note    to use it: EXECUTION_PROVIDERS=${best.provider},cpu\n`
      : 'note    models run on the processor: no provider of a card runs here\n',
  );
  return best !== undefined;
}

async function tried(config: Config, directory: string, provider: Provider): Promise<ProviderReport> {
  try {
    const check = await checkModel(config, directory, { providers: [provider, 'cpu'], selfTest: true });
    const [over] = check.passedOver;
    if (over !== undefined)
      return { provider, ran: false, detail: over.detail, advice: providerAdvice(provider, over.detail) };
    const passed = check.selfTest === null ? 'no self test' : `self test: ${check.selfTest.detail}`;
    return { provider, ran: check.selfTest?.passed !== false, detail: `${check.provider} runs, ${passed}`, advice: [] };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { provider, ran: false, detail: error.message, advice: providerAdvice(provider, error.message) };
  }
}

function isOfThisSystem(provider: Provider): boolean {
  const { cuda, coreml, dml } = { cuda: 'linux', coreml: 'darwin', dml: 'win32' };
  const system = { cpu: undefined, cuda, tensorrt: cuda, webgpu: undefined, coreml, dml }[provider];
  return system === undefined || system === platform();
}
