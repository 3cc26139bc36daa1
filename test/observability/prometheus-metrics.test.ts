import { expect, it } from 'vitest';
import { prometheusMetrics } from '../../services/observability/prometheus-metrics.ts';

const line = (text: string, start: string) => text.split('\n').find((each) => each.startsWith(start));

it('time records the seconds of work that succeeds and of work that fails', async () => {
  const metrics = prometheusMetrics();
  await expect(metrics.time('commit', async () => 'done')).resolves.toBe('done');
  await expect(metrics.time('commit', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(line(await metrics.text(), 'stage_seconds_count{stage="commit"}')).toBe(
    'stage_seconds_count{stage="commit"} 2',
  );
});

it('observe records seconds measured elsewhere in the right bucket', async () => {
  const metrics = prometheusMetrics();
  metrics.observe('graph', 4.2);
  const text = await metrics.text();
  expect(text).toContain('stage_seconds_bucket{le="2",stage="graph"} 0');
  expect(text).toContain('stage_seconds_bucket{le="5",stage="graph"} 1');
  expect(text).toContain('stage_seconds_sum{stage="graph"} 4.2');
});

it('count makes one counter for each name, whatever its spelling', async () => {
  const metrics = prometheusMetrics();
  metrics.count('instances.received');
  metrics.count('instances.received', 4);
  metrics.count('runs_failed');
  const text = await metrics.text();
  expect(text).toContain('# TYPE instances_received_total counter');
  expect(line(text, 'instances_received_total')).toBe('instances_received_total 5');
  expect(line(text, 'runs_failed_total')).toBe('runs_failed_total 1');
});

it('the figures of the process are there', async () => {
  expect(await prometheusMetrics().text()).toMatch(/^process_resident_memory_bytes \d+/m);
});

it('the snapshots of other processes, sent as JSON, come out on one page with their role', async () => {
  const [web, worker, receiver] = [
    prometheusMetrics('web'),
    prometheusMetrics('worker'),
    prometheusMetrics('receiver'),
  ];
  web.observe('http', 0.1);
  worker.observe('graph', 3);
  receiver.count('instances', 7);
  const sent = JSON.parse(JSON.stringify([await worker.snapshot(), await receiver.snapshot()]));
  const text = await web.text(sent);
  expect(text).toContain('stage_seconds_count{stage="http",role="web"} 1');
  expect(text).toContain('stage_seconds_count{stage="graph",role="worker"} 1');
  expect(text).toContain('instances_total{role="receiver"} 7');
  expect(text.match(/^process_resident_memory_bytes\{role="\w+"\}/gm)).toHaveLength(3);
});
