#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a GGUF file of random bf16 weights in the shape of a Hugging Face config.json, for timing a
peer on the same shape. Qwen3 and Llama families; no tokenizer; never zeros.

    random_gguf.py resources/models/qwen3-0.6b.json out.gguf
"""
import json
import random
import struct
import sys

F32, BF16, ALIGN = 0, 30, 32
U32, FLOAT, STRING = 4, 6, 8


def text(value):
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def entry(key, kind, value):
    body = text(value) if kind == STRING else struct.pack("<f" if kind == FLOAT else "<I", value)
    return text(key) + struct.pack("<I", kind) + body


def metadata(config, arch, head_dim):
    return [
        entry("general.architecture", STRING, arch),
        entry(f"{arch}.context_length", U32, config["max_position_embeddings"]),
        entry(f"{arch}.embedding_length", U32, config["hidden_size"]),
        entry(f"{arch}.block_count", U32, config["num_hidden_layers"]),
        entry(f"{arch}.feed_forward_length", U32, config["intermediate_size"]),
        entry(f"{arch}.attention.head_count", U32, config["num_attention_heads"]),
        entry(f"{arch}.attention.head_count_kv", U32, config["num_key_value_heads"]),
        entry(f"{arch}.attention.key_length", U32, head_dim),
        entry(f"{arch}.attention.value_length", U32, head_dim),
        entry(f"{arch}.rope.dimension_count", U32, head_dim),
        entry(f"{arch}.rope.freq_base", FLOAT, config.get("rope_theta", 10000.0)),
        entry(f"{arch}.attention.layer_norm_rms_epsilon", FLOAT, config["rms_norm_eps"]),
        entry(f"{arch}.vocab_size", U32, config["vocab_size"]),
        entry("general.file_type", U32, 32),
        entry("tokenizer.ggml.model", STRING, "no_vocab"),
    ]


def tensors(config, arch, head_dim):
    """(name, rows or None, columns): rows None is a vector of F32 ones."""
    hidden, ffn = config["hidden_size"], config["intermediate_size"]
    q = config["num_attention_heads"] * head_dim
    kv = config["num_key_value_heads"] * head_dim
    yield "token_embd.weight", config["vocab_size"], hidden
    if not config.get("tie_word_embeddings", False):
        yield "output.weight", config["vocab_size"], hidden
    yield "output_norm.weight", None, hidden
    for layer in range(config["num_hidden_layers"]):
        at = f"blk.{layer}."
        yield at + "attn_norm.weight", None, hidden
        yield at + "ffn_norm.weight", None, hidden
        if arch == "qwen3":
            yield at + "attn_q_norm.weight", None, head_dim
            yield at + "attn_k_norm.weight", None, head_dim
        yield at + "attn_q.weight", q, hidden
        yield at + "attn_k.weight", kv, hidden
        yield at + "attn_v.weight", kv, hidden
        yield at + "attn_output.weight", hidden, q
        yield at + "ffn_gate.weight", ffn, hidden
        yield at + "ffn_up.weight", ffn, hidden
        yield at + "ffn_down.weight", hidden, ffn


def random_bf16(count):
    """`count` values of both signs, 0.0078 to 0.031 in size, little-endian."""
    raw = bytearray(2 * count)
    raw[0::2] = random.randbytes(count)
    raw[1::2] = bytes(0x3C if byte < 128 else 0xBC for byte in random.randbytes(count))
    return bytes(raw)


def main():
    config = json.load(open(sys.argv[1], encoding="utf-8"))
    config = config.get("config", config)
    arch = {"qwen3": "qwen3", "llama": "llama"}[config["model_type"]]
    head_dim = config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
    listed = list(tensors(config, arch, head_dim))
    head, offset = b"", 0
    for name, rows, columns in listed:
        shape = [columns] if rows is None else [columns, rows]
        size = 4 * columns if rows is None else 2 * rows * columns
        head += text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
        head += struct.pack("<IQ", F32 if rows is None else BF16, offset)
        offset += -(-size // ALIGN) * ALIGN
    pairs = metadata(config, arch, head_dim)
    random.seed(1)
    pool = random_bf16(1 << 22)
    with open(sys.argv[2], "wb") as out:
        out.write(b"GGUF" + struct.pack("<IQQ", 3, len(listed), len(pairs)) + b"".join(pairs) + head)
        out.write(b"\0" * (-out.tell() % ALIGN))
        for _, rows, columns in listed:
            size = 4 * columns if rows is None else 2 * rows * columns
            if rows is None:
                out.write(struct.pack("<f", 1.0) * columns)
            else:
                start, left = 2 * random.randrange(1 << 21), size
                while left > 0:
                    part = pool[start : start + left]
                    out.write(part)
                    left, start = left - len(part), 0
            out.write(b"\0" * (-size % ALIGN))


if __name__ == "__main__":
    main()
