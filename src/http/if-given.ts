import { ValidateIf } from 'class-validator';

/** For a field of a body that may be left out. Unlike with `IsOptional`, `null` is a value, and refused as any other. */
export const IfGiven = (): PropertyDecorator => ValidateIf((_, value: unknown) => value !== undefined);
