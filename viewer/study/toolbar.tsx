import { Button, SegmentedControl } from '@mantine/core';
import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { type DragTool, nextOverlay, setView, useViewState } from '../state.ts';
import type { ViewerEngine } from '../viewer-engine.ts';
import { type PresetId, WINDOW_PRESETS } from './window-presets.ts';

const TOOLS = ['window', 'pan', 'zoom', 'scroll'] as const satisfies readonly DragTool[];

interface ToolbarProps {
  readonly engine: ViewerEngine | undefined;
  readonly series: ImageSeries | undefined;
  readonly onHelp: () => void;
}

/** The presets that mean something for these images: windows of Hounsfield units, and how each wants to be seen. */
function presetsOf(series: ImageSeries | undefined) {
  const windows = series?.isHounsfield === false ? [] : WINDOW_PRESETS;
  const grey = series?.images.find(({ isColour }) => !isColour);
  if (!grey || (series?.isHounsfield && !grey.hasVoi)) return windows;
  return [...windows, { id: 'stored', key: '5', name: grey.hasVoi ? 'stored' : 'full' } as const];
}

/** Sets a window preset; `stored` shows each image by what it carries. */
export function choosePreset(preset: PresetId, series: ImageSeries | undefined): void {
  if (!presetsOf(series).some(({ id }) => id === preset)) return;
  setView({ window: WINDOW_PRESETS.find(({ id }) => id === preset)?.window, preset });
}

export function Toolbar({ engine, series, onHelp }: ToolbarProps) {
  const { t } = useText();
  const { preset, tool, overlay } = useViewState();
  const presets = presetsOf(series);
  return (
    <div className="toolbar" role="toolbar" aria-label={t('tool.bar')}>
      {presets.length > 0 ? (
        <SegmentedControl
          size="xs"
          aria-label={t('tool.presets')}
          value={preset ?? ''}
          onChange={(value) => choosePreset(value as PresetId, series)}
          data={presets.map((choice) => ({
            value: choice.id,
            label: (
              <>
                {t(`tool.${'name' in choice ? choice.name : choice.id}`)} <kbd>{choice.key}</kbd>
              </>
            ),
          }))}
        />
      ) : null}
      <SegmentedControl
        size="xs"
        aria-label={t('tool.drag')}
        value={tool}
        onChange={(value) => setView({ tool: value })}
        data={TOOLS.map((value) => ({ value, label: t(`tool.${value}`) }))}
      />
      <Button size="compact-xs" variant="default" onClick={() => engine?.fit()}>
        {t('tool.fit')} <kbd>=</kbd>
      </Button>
      <Button
        size="compact-xs"
        variant="default"
        data-overlay={overlay}
        onClick={() => setView({ overlay: nextOverlay(overlay) })}
      >
        {t('tool.overlay', { overlay: t(`overlay.${overlay}`) })} <kbd>O</kbd>
      </Button>
      <Button size="compact-xs" variant="subtle" color="gray" leftSection={<Icon name="keyboard" />} onClick={onHelp}>
        {t('app.keys')} <kbd>?</kbd>
      </Button>
    </div>
  );
}
