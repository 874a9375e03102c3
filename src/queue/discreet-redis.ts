import { Redis, type Command } from 'ioredis';

/** Their arguments are a password. */
const LOGINS = ['hello', 'auth'];

/**
 * Lets no error tell what it logs in with. ioredis hangs a command's arguments on its error, which goes to whoever
 * listens, and libraries print it.
 */
export class DiscreetRedis extends Redis {
  override sendCommand(...[command, stream]: Parameters<Redis['sendCommand']>): unknown {
    if (LOGINS.includes(command.name)) withoutArguments(command);
    return super.sendCommand(command, stream);
  }
}

function withoutArguments(command: Command): void {
  const reject = command.reject;
  command.reject = (error: Error & { command?: unknown }) => {
    delete error.command;
    reject(error);
  };
}
