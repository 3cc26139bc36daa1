import { type Command, InvalidArgumentError } from 'commander';
import { Provider } from '../../domain/model.ts';

export interface ModelTestOptions {
  readonly provider?: readonly Provider[];
  readonly json: boolean;
}

export interface ModelImportOptions {
  readonly id: string;
  readonly out?: string;
}

const MODEL = 'an id below MODELS_DIR, or a folder (with a slash)';

/** `overread model …`: what is done with a package before and while it reads studies. */
export function addModel(model: Command): void {
  model.description('look at, check, import and switch model packages');
  const commands = () => import('./model.ts');

  model
    .command('validate')
    .description('manifest, hashes, graph against manifest, weights; then load it once')
    .argument('<model>', MODEL)
    .action(async (name: string) => (await commands()).validateCommand(name));

  model
    .command('inspect')
    .description('inputs, outputs, operators, metadata, size and cost of a graph')
    .argument('<model>', `${MODEL}, or an .onnx file`)
    .option('--json', 'one JSON object', false)
    .action(async (name: string, { json }: { json: boolean }) => (await commands()).inspectCommand(name, json));

  model
    .command('import')
    .description('draft a package from an export of Ultralytics, a bundle of MONAI or a folder of nnU-Net')
    .argument('<source>', 'an .onnx file or a folder')
    .requiredOption('--id <id>', 'what the model is to be called: small letters, digits and hyphens', parseId)
    .option('--out <folder>', 'where its folder is made; default MODELS_DIR')
    .action(async (source: string, options: ModelImportOptions) => (await commands()).importCommand(source, options));

  model
    .command('selftest')
    .description('run its known-answer test, and say on which provider it ran')
    .argument('<model>', MODEL)
    .option('--provider <list>', `in the order of preference: ${Provider.options.join(', ')}`, parseProviders)
    .option('--json', 'one JSON object', false)
    .action(async (name: string, options: ModelTestOptions) => (await commands()).selfTestCommand(name, options));

  addSwitch(model, 'enable', true, 'let it read studies again');
  addSwitch(model, 'disable', false, 'let it read no study: what waits for it ends as failed, with this reason');
}

/** `enable` and `disable`. */
function addSwitch(model: Command, name: string, enabled: boolean, description: string): void {
  model
    .command(name)
    .description(description)
    .argument('<id>', 'its id')
    .action(async (id: string) => (await import('./switch-model.ts')).switchCommand(id, enabled));
}

function parseProviders(text: string): readonly Provider[] {
  return text.split(',').map((name) => {
    const { success, data } = Provider.safeParse(name.trim());
    if (!success) throw new InvalidArgumentError(`known are ${Provider.options.join(', ')}`);
    return data;
  });
}

function parseId(text: string): string {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(text))
    throw new InvalidArgumentError('small letters, digits and single hyphens');
  return text;
}
