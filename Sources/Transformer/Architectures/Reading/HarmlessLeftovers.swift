/// Settings of checkpoints that don't change what a model computes here, with the reason; all other settings that no
/// family reads are refused.
enum HarmlessLeftovers {
    /// Keys of GGUF files, without the architecture's name.
    static let ggufKeys: [String: String] = [
        "vocab_size": "the embedding's rows say it",
        "tensor_data_layout": "says how the file was made",
        "rope.scaling.finetuned": "says how the model was trained",
        "rope.scaling.original_context_length": "says how the model was trained, where its scaling doesn't use it",
    ]

    /// Fields of `config.json`.
    static let configFields: [String: String] = {
        let groups: [(reason: String, fields: String)] = [
            (
                "says what made the file",
                "_name_or_path transformers_version architectures model_type auto_map _commit_hash name_or_path tokenizer_class "
                    + "unsloth_fixed unsloth_version model_max_length finetuning_task task_specific_params language tags"
            ),
            ("the weights' own type says it", "dtype torch_dtype use_bfloat16"),
            (
                "only training has dropout",
                "attention_dropout hidden_dropout resid_pdrop embd_pdrop attn_pdrop classifier_dropout dropout "
                    + "summary_first_dropout resid_dropout embd_dropout embedding_dropout"
            ),
            (
                "only training has it",
                "initializer_range gradient_checkpointing router_aux_loss_coef aux_loss_alpha output_router_logits "
                    + "router_jitter_noise pretraining_tp tensor_parallel_size use_sequence_parallel max_seq_length"
            ),
            (
                "chosen by who runs the model",
                "use_cache output_attentions output_hidden_states return_dict torchscript "
                    + "attn_implementation _attn_implementation _attn_implementation_autoset use_flash_attn use_flash_attention "
                    + "cache_implementation chunk_size_feed_forward use_return_dict reorder_and_upcast_attn use_fused_rms_norm "
                    + "use_fused_mlp fused_mlp"
            ),
            (
                "belongs to the tokenizer or to generation",
                "bos_token_id eos_token_id pad_token_id sep_token_id unk_token_id decoder_start_token_id vocab_file "
                    + "max_length min_length do_sample temperature top_k top_p num_beams repetition_penalty add_bos_token "
                    + "generation_config suppress_tokens forced_bos_token_id forced_eos_token_id"
            ),
            (
                "heads for other tasks",
                "num_labels id2label label2id problem_type summary_type summary_use_proj summary_activation "
                    + "summary_proj_to_labels classifier_activation"
            ),
            ("says how tensors were split, which their names say", "base_model_tp_plan base_model_pp_plan"),
            ("of encoders, which none of the families is", "is_decoder"),
        ]
        var reasons: [String: String] = [:]
        for (reason, fields) in groups { for field in fields.split(separator: " ") { reasons[String(field)] = reason } }
        return reasons
    }()

    /// Prefixes of fields that tools add as their own notes.
    static let configPrefixes = ["_", "unsloth_"]

    /// Whether a tensor that nothing uses can be ignored.
    static func isHarmless(tensor name: String) -> Bool {
        // Older checkpoints store frequencies and masks beside the weights; both are computed from the configuration.
        [
            ".rotary_emb.inv_freq", ".rotary_pos_emb.inv_freq", ".attn.bias", ".attn.masked_bias", ".attention.bias",
            ".attention.masked_bias", ".attn_rot_embd",
        ].contains { name.hasSuffix($0) }
    }
}
