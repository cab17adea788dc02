/**
 * The model as lines of text for panes of a given width: pure, so that what a person reads is tested without
 * a terminal. Tones say what a colour means, not which one it is.
 */

import type { Inspection } from '../../actors/index.ts';
import { brief, duration, moment, share, size, unitFigure } from '../cli/figures.ts';
import { plain } from '../cli/table.ts';
import type { GovernorView, MachineView, ReadingsView, TaskView } from '../node.ts';
import type { Snapshot, TopModel } from './view-model.ts';

export type Tone = 'plain' | 'good' | 'warn' | 'bad' | 'dim';

export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

export type Line = readonly Span[];

export interface Pane {
  readonly title: string;
  readonly lines: readonly Line[];
}

export const PANE_NAMES = ['machine', 'tasks', 'batches', 'leases', 'peers', 'log'] as const;
export type PaneName = (typeof PANE_NAMES)[number];

export interface PaneStyle {
  /** Columns inside the border. */
  readonly width: number;
  /** Whether the terminal can show more than ASCII. */
  readonly unicode: boolean;
}

const span = (text: string, tone: Tone = 'plain'): Span => ({ text, tone });
const dim = (text: string): Line => [span(text, 'dim')];

const GOVERNOR_TONES: Readonly<Record<GovernorView['state'], Tone>> = {
  run: 'good',
  throttle: 'warn',
  suspend: 'warn',
  evict: 'bad',
};

export function header(model: TopModel): Line {
  if (model.lost !== undefined) return [span(` conun  ${model.lost}`, 'bad')];
  if (model.snapshot === undefined) return [span(' conun  waiting for the daemon', 'dim')];
  const { node, machine } = model.snapshot;
  const roles = node.roles.join('+') || 'no role';
  return [
    span(` conun ${node.version}  ${plain(node.name)}  ${brief(node.peer)}  ${roles}  `),
    span(machine.governor.state, GOVERNOR_TONES[machine.governor.state]),
  ];
}

export function footer(model: TopModel): Line {
  const keys = ' p pause  r resume  tab focus  ? help  q quit';
  return model.notice === '' ? dim(keys) : [span(`${keys}   `, 'dim'), span(model.notice, 'warn')];
}

export const HELP: readonly string[] = [
  'p          pause: all work stops within a second',
  'r          resume: the preferences decide again',
  'tab, ←, →  move between panes',
  '↑, ↓       scroll in the pane',
  'q, Ctrl-C  leave; the daemon goes on',
  '?          this, and away again',
];

export function pane(name: PaneName, model: TopModel, style: PaneStyle): Pane {
  const { snapshot } = model;
  if (name === 'log') return logPane(model);
  if (snapshot === undefined) return { title: name, lines: [] };
  switch (name) {
    case 'machine':
      return machinePane(snapshot, style);
    case 'tasks':
      return tasksPane(snapshot.tasks, style);
    case 'batches':
      return batchesPane(snapshot, style);
    case 'leases':
      return leasesPane(snapshot);
    case 'peers':
      return peersPane(snapshot);
  }
}

function machinePane({ machine, credit }: Snapshot, style: PaneStyle): Pane {
  const { capability, governor, readings } = machine;
  const lines: Line[] = readings === null ? [dim('no readings yet')] : readingLines(machine, readings, style);
  const state = span(`${governor.state} `, GOVERNOR_TONES[governor.state]);
  lines.push([state, span(plain(governor.reason))]);
  if (credit !== null) {
    const rate = credit.operations > 0 ? `, ${operations(credit.operations)}op` : '';
    lines.push([span(`credit ${credit.tasks} tasks, ${duration(credit.cpuMs)}${rate}`)]);
  }
  return { title: `machine: ${plain(capability.cpuModel)}`, lines };
}

function readingLines(machine: MachineView, at: ReadingsView, style: PaneStyle): Line[] {
  const lines: Line[] = [];
  const heat = at.temperatureCelsius === null ? '' : `${Math.round(at.temperatureCelsius)}${degrees(style)}`;
  lines.push(gauge('cpu', at.cpuLoad, `${machine.capability.cores} cores ${heat}`, style));
  if (at.coreLoads.length > 0) lines.push([span('      '), span(spark(at.coreLoads, style), 'dim')]);
  lines.push(ratio('mem', at.memoryBytesUsed, at.memoryBytesTotal, style));
  lines.push(ratio('disk', at.storageBytesUsed, at.storageBytesMax, style));
  for (const gpu of at.gpus) {
    const hot = gpu.temperatureCelsius === null ? '' : ` ${gpu.temperatureCelsius}${degrees(style)}`;
    lines.push(gauge('gpu', gpu.load, `${plain(gpu.model)}${hot}`, style));
  }
  return lines;
}

function tasksPane(tasks: readonly TaskView[], style: PaneStyle): Pane {
  const running = tasks.filter((task) => task.state !== 'queued').length;
  const lines = tasks.map((task): Line => {
    const id = plain(task.task).slice(-12).padEnd(12);
    if (task.state === 'queued') return [span(id), span(' queued', 'dim')];
    const tone: Tone = task.state === 'running' ? 'good' : 'warn';
    return [
      span(`${id} `),
      ...bar(task.fraction, Math.max(6, style.width - 29), style),
      span(` ${task.state}`, tone),
    ];
  });
  return {
    title: `tasks: ${running} running, ${tasks.length - running} queued`,
    lines: lines.length === 0 ? [dim('nothing to do')] : lines,
  };
}

function batchesPane({ batches, node }: Snapshot, style: PaneStyle): Pane {
  const lines = batches.map((view): Line => {
    const ended = view.phase === 'failed' || view.phase === 'cancelled';
    const tone: Tone = ended ? 'bad' : view.phase === 'done' ? 'good' : 'plain';
    const name = plain(view.name).slice(0, 10).padEnd(10);
    const tail = ` ${unitFigure(view.counts)} ${view.phase}`;
    const width = Math.max(4, style.width - 16 - tail.length);
    return [span(`${name} `), ...bar(share(view.counts) ?? null, width, style), span(tail, tone)];
  });
  const none = node.roles.includes('broker') ? 'none submitted here' : 'this node is no broker';
  return { title: `batches: ${batches.length}`, lines: lines.length === 0 ? [dim(none)] : lines };
}

function leasesPane({ leases }: Snapshot): Pane {
  const lines = leases.map(
    (lease): Line => [
      // 22 columns at the narrowest: eight letters are enough to tell two brokers apart.
      span(`${lease.broker.slice(-8)} `),
      span(`${lease.running}/${lease.slots}, ${lease.returned} back`),
      lease.attached ? span('') : span(' detached', 'warn'),
    ],
  );
  return { title: `leases: ${leases.length}`, lines: lines.length === 0 ? [dim('none')] : lines };
}

function peersPane({ peers }: Snapshot): Pane {
  const connected = peers.filter((peer) => peer.connected);
  const lines = [...connected, ...peers.filter((peer) => !peer.connected)].map((peer): Line => {
    const ping = peer.roundTripMs === undefined ? '' : ` ${Math.round(peer.roundTripMs)} ms`;
    return peer.connected ? [span(`${brief(peer.peer)}${ping}`)] : [span(brief(peer.peer), 'dim')];
  });
  const title = `peers: ${connected.length}/${peers.length}`;
  return { title, lines: lines.length === 0 ? [dim('nobody met yet')] : lines };
}

function logPane({ log, dropped }: TopModel): Pane {
  const title = dropped === 0 ? 'log' : `log (${dropped} lines left out)`;
  return { title, lines: log.map(logLine) };
}

function logLine(event: Inspection): Line {
  const tone: Tone = event.level === 'error' ? 'bad' : event.level === 'warn' ? 'warn' : 'plain';
  const time = event.at === undefined ? '        ' : moment(event.at).slice(11, 19);
  const details = Object.entries(event.details ?? {}).map(([name, value]) => `${name}=${value}`);
  const says = event.fault === undefined ? details.join(' ') : `${event.fault.message} [${event.fault.code}]`;
  return [span(`${time} `, 'dim'), span(`${plain(event.topic)} `, tone), span(plain(says))];
}

function ratio(name: string, used: number | null, total: number | null, style: PaneStyle): Line {
  if (used === null || total === null || total === 0) return gauge(name, null, '-', style);
  return gauge(name, used / total, `${size(used)}/${size(total)}`, style);
}

function gauge(name: string, fraction: number | null, words: string, style: PaneStyle): Line {
  // At 38 columns, the narrowest pane, the words still fit beside a bar of eight.
  const width = Math.max(8, Math.min(24, style.width - 31));
  return [span(`${name.padEnd(5)} `), ...bar(fraction, width, style), span(` ${words}`)];
}

function bar(fraction: number | null, width: number, { unicode }: PaneStyle): Span[] {
  const [full, empty] = unicode ? ['█', '░'] : ['#', '.'];
  if (fraction === null) return [span(`${empty.repeat(width)}   - `, 'dim')];
  const bounded = Math.min(1, Math.max(0, fraction));
  const filled = Math.round(bounded * width);
  const percent = ` ${String(Math.round(bounded * 100)).padStart(3)}%`;
  return [span(full.repeat(filled), 'good'), span(empty.repeat(width - filled), 'dim'), span(percent)];
}

/** One character a core. */
function spark(loads: readonly number[], { width, unicode }: PaneStyle): string {
  const steps = unicode ? '▁▂▃▄▅▆▇█' : '.:-=+*#@';
  const level = (load: number) => steps[Math.min(7, Math.max(0, Math.floor(load * 8)))]!;
  return loads
    .slice(0, width - 6)
    .map(level)
    .join('');
}

function degrees({ unicode }: PaneStyle): string {
  return unicode ? ' °C' : ' C';
}

function operations(figure: number): string {
  const exponent = Math.min(18, 3 * Math.floor(Math.log10(Math.max(1, figure)) / 3));
  const prefix = ['', 'k', 'M', 'G', 'T', 'P', 'E'][exponent / 3]!;
  return `${(figure / 10 ** exponent).toFixed(1)} ${prefix}`.trim();
}
