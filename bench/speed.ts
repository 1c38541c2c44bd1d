import {
  type Figure,
  megabytesPerCoreSecond,
  megabytesPerSecond,
  rowsPerSecond,
  type Sample,
  spread,
} from './measure.ts';

/** Figures for the speed, processor time and peak memory of one contender. */
export function speedOf(id: string, label: string, samples: readonly Sample[]): readonly Figure[] {
  const cores = samples.filter(({ cpuSeconds }) => cpuSeconds !== undefined);
  return [
    { id: `${id}/rows`, label, unit: 'rows/s', value: spread(samples.map(rowsPerSecond)) },
    { id: `${id}/mb`, label, unit: 'MB/s', value: spread(samples.map(megabytesPerSecond)) },
    ...(cores.length > 0
      ? [
          {
            id: `${id}/core`,
            label,
            unit: 'MB per core second',
            value: spread(cores.map(megabytesPerCoreSecond)),
          },
        ]
      : []),
    ...memoryOf(`${id}/rss`, label, samples),
  ];
}

export function memoryOf(
  id: string,
  label: string,
  samples: readonly { readonly peakRssBytes?: number | undefined }[],
): readonly Figure[] {
  const peaks = samples.flatMap(({ peakRssBytes }) =>
    peakRssBytes === undefined ? [] : [peakRssBytes / 1e6],
  );
  return peaks.length > 0 ? [{ id, label, unit: 'MB peak memory', value: spread(peaks) }] : [];
}
