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

/** Sets a window preset; `stored` takes the one the images carry. */
export function choosePreset(preset: PresetId, series: ImageSeries | undefined): void {
  const stored = series?.images[0]?.window;
  const window = preset === 'stored' ? stored : WINDOW_PRESETS.find(({ id }) => id === preset)?.window;
  if (window) setView({ window, preset });
}

export function Toolbar({ engine, series, onHelp }: ToolbarProps) {
  const { t } = useText();
  const { preset, tool, overlay } = useViewState();
  const presets = [...WINDOW_PRESETS, ...(series?.images[0]?.window ? [{ id: 'stored', key: '5' } as const] : [])];
  return (
    <div className="toolbar" role="toolbar" aria-label={t('tool.bar')}>
      <SegmentedControl
        size="xs"
        aria-label={t('tool.presets')}
        value={preset ?? ''}
        onChange={(value) => choosePreset(value as PresetId, series)}
        data={presets.map(({ id, key }) => ({
          value: id,
          label: (
            <>
              {t(`tool.${id}`)} <kbd>{key}</kbd>
            </>
          ),
        }))}
      />
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
