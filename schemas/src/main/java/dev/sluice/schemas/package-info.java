/**
 * What a program needs beside the generated classes of {@code dev.sluice.v1} to use the contract.
 */
package dev.sluice.schemas;
