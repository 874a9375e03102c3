// Runs one command and sees to it that the command never outlives whoever started the guard.
//
//   node guard.mjs <stopGraceMs> <orphanGraceMs> <command> [args...]
//
// The starter holds the other end of our stdin. A byte on it asks for a graceful stop; its end means that the
// starter is gone, however it died. Plain JavaScript, because it starts twice as fast as a file with types.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { setTimeout } from 'node:timers';

const [stopGraceMs, orphanGraceMs, command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });

child.on('error', (error) => {
  console.error(error.message);
  process.exit(127);
});
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));

let terminated = false;
function stop(graceMs) {
  // Many services take a second SIGTERM for impatience and drop what they were draining.
  if (!terminated) child.kill('SIGTERM');
  terminated = true;
  setTimeout(() => child.kill('SIGKILL'), Number(graceMs));
}

process.stdin.on('data', () => stop(stopGraceMs));
process.stdin.on('error', () => stop(orphanGraceMs));
process.stdin.on('end', () => stop(orphanGraceMs));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(stopGraceMs));
