const TONES: Readonly<Record<string, 'good' | 'bad' | 'busy'>> = {
  completed: 'good',
  failed: 'bad',
  interrupted: 'bad',
  completed_with_errors: 'bad',
  active: 'busy',
  processing: 'busy',
  running: 'busy',
};

/** A state in a word; its colour only underlines it. */
export const Badge = ({ state }: { state: string }) => (
  <span class={`badge ${TONES[state] ?? ''}`}>{state.replaceAll('_', ' ')}</span>
);
