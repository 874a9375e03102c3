import { IsOptional, IsString, MaxLength } from 'class-validator';
import { MAX_TOKEN_LENGTH } from '../../auth/token-header';

const MAX_NAME_LENGTH = 255;
const MAX_PASSWORD_LENGTH = 1_024;

/** An account's name and password, or a token. */
export class SignInDto {
  @IsOptional()
  @MaxLength(MAX_NAME_LENGTH, { message: `longer than ${MAX_NAME_LENGTH} characters` })
  @IsString({ message: 'expected a text' })
  user?: string;

  @IsOptional()
  @MaxLength(MAX_PASSWORD_LENGTH, { message: `longer than ${MAX_PASSWORD_LENGTH} characters` })
  @IsString({ message: 'expected a text' })
  password?: string;

  @IsOptional()
  @MaxLength(MAX_TOKEN_LENGTH, { message: `longer than ${MAX_TOKEN_LENGTH} characters` })
  @IsString({ message: 'expected a text' })
  token?: string;
}
