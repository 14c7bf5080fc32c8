"""What runs inside SageMaker's containers: programs over shared floors, with what the XGBoost image holds and no more.

A program reads files that SageMaker laid on the disk, or streams objects from S3, and writes documents; it decides
nothing that a setting could decide later (that is `chalicelib`'s), and knows neither Lambda nor the laptop. The same
programs run on both: only who starts them differs. From the top down, each package importing only what stands below:

    prepare  evaluate  drift  ground_truth        one program each: `python3 -m jobs.<name>`
    report                                        documents -> pages of HTML
    performance_estimation                        how good without labels; estimated from the model's own confidence
    capture                                       captured traffic -> rows
    serving      profiles     tables              requests -> rows; columns -> counts; people's files -> columns
    encoding     metrics                          columns -> the model's numbers; answers -> how good they are

`serving` and `encoding` are also what the endpoint's container runs, which is why they import so little. `refusals`
says how a program ends when its input is at fault; `schema` reads the one document that all of them share.
"""
