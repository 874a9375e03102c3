import 'reflect-metadata';
import { closeAll } from './helpers/closing';

afterAll(closeAll);
